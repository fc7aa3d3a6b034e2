"""Support for programs that use the historic names, built on the modern modules."""
