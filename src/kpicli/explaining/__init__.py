"""Why a figure is what it is: an evaluated report, watched at its work."""
