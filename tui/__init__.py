"""The Textual face of the advisor. Import `tui.run` to run it; this package itself loads nothing."""
