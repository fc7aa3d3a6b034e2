"""Work outside the GUI process: jobs, the child process that runs them, the threads that watch it."""
