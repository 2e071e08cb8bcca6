"""The widgets of the chat: disposable views of plain turns."""
