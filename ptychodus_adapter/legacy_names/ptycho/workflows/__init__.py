"""Historic name of the workflowsuration package."""
