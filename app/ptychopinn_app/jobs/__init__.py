"""Work outside the GUI process: jobs, the child process that runs them, and the threads that supervise it."""
