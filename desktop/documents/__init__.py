"""Documents on paper: plain data in, a PDF file out; fonts, line breaking and forms for Chinese."""
