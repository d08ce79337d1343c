"""The laptop's cloud started, deployed, asked and stopped."""
