"""The parts of a scorecard's page at a terminal, each as lines of styled pieces."""
