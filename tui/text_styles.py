"""The styles of text, by role. Colours come from the theme; every role also shows in words or marks.

`$text-muted` is avoided: it is a colour that fits itself to its background, which Content does not do.
"""

HEADING = "bold $text-primary"
STRONG = "bold"
MUTED = "$foreground 75%"
QUOTE = "italic"
CODE = "bold $text-secondary"
WARNING = "bold $caution"
ERROR = "bold $text-error"
FIRST_OPTION = "$text-primary"
SECOND_OPTION = "$second-option"
CURSOR = "reverse"
SPOKEN = "underline"
LIT = "bold reverse"
CHIP = "$foreground"
ASSUMED = "bold $caution"
FOUND = "bold reverse"
