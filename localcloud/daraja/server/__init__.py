"""The fake over HTTP: Daraja's paths, the controls, the phone page; callbacks that are posted; the state file."""
