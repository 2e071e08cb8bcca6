"""A list to choose from whose chosen line may be shown reversed."""

from __future__ import annotations

from textual.style import Style
from textual.widgets import OptionList

_CHOSEN = "option-list--option-highlighted"


class Options(OptionList):
    """An OptionList that heeds `text-style: reverse`, which Textual leaves out of what it makes of component styles."""

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        """Part of Widget."""
        style = super().get_visual_style(*component_classes, partial=partial)
        if _CHOSEN in component_classes and self.get_component_styles(_CHOSEN).text_style.reverse:
            style += Style(reverse=True)
        return style
