"""What the user and the terminal want: colours, characters, keys and the layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import App
from textual.filter import LineFilter, Monochrome, NoColor

from tui import keys, preferences
from tui.glyphs import PlainGlyphs, wants_ascii
from tui.themes import fitting_theme, own_colours


def _fitting(cells: int, breakpoints: Sequence[tuple[int, str]]) -> str:
    """The layout for so many cells: that of the last breakpoint which they reach."""
    return [name for least, name in breakpoints if cells >= least][-1]


class Looks(App[None]):
    """Follows the user's preferences. `problems`: what in them could not be used; `hints`: those that were seen."""

    # Not ClassVars, because Textual declares them as instance variables.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-tall")]  # noqa: RUF012

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.chosen = preferences.read_preferences()
        self._plain_glyphs = (PlainGlyphs(),) if wants_ascii(self.chosen.glyphs, environment) else ()
        super().__init__()
        self.hints = self.chosen.hints
        self._own_keys, wrong_keys = keys.checked(self.chosen.keys)
        self.problems = [*self.chosen.problems, *wrong_keys]

    @property
    def layout_classes(self) -> str:
        """The classes of the layout that fits; Textual would add them after styling everything, and style it again."""
        width, height = self.size
        return f"{_fitting(width, self.HORIZONTAL_BREAKPOINTS)} {_fitting(height, self.VERTICAL_BREAKPOINTS)}"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours for the second option and for caution, readable on dark and on light."""
        return own_colours(self.current_theme.dark, self.current_theme.ansi)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and plain characters where others cannot be shown; for NO_COLOR not even shades of grey."""
        own = [NoColor() if isinstance(each, Monochrome) else each for each in super().get_line_filters()]
        return [*own, *self._plain_glyphs]

    def on_mount(self) -> None:
        """Takes the user's choices into account."""
        colours = None if self.is_headless else self.console.color_system
        theme = fitting_theme(self.chosen.theme, self.available_themes, colours, self.environment)
        if self.no_color:  # there, nothing is told by a background alone
            theme = "ansi-dark"
        if theme is not None:
            self.theme = theme
        if self.chosen.theme is not None and self.chosen.theme not in self.available_themes:
            self.problems = [*self.problems, f"there is no theme “{self.chosen.theme}”"]
        if self._own_keys:
            self.set_keymap(self._own_keys)
        self.theme_changed_signal.subscribe(self, lambda _: self.remember())

    def key_of(self, action: str) -> str:
        """The key of an action, for display."""
        default = next((known.keys for known in keys.ACTIONS if known.name == action), "")
        return keys.shown(self._own_keys.get(action, default))

    def remember(self) -> None:
        """Keeps the theme and the hints that were seen for the next time."""
        preferences.remember(self.theme, self.hints)
