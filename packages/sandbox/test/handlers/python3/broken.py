raise SyntaxError("broken on purpose")
