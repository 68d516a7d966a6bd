"""设置: the workspace, its rules and its look."""
