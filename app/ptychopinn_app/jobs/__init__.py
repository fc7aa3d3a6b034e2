"""Work outside the GUI process: what a job is, the child that runs it, the threads that watch it."""
