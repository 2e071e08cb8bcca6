"""The Textual face of the advisor. Import `tui.app` to run it; this package itself loads nothing."""
