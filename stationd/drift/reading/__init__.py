"""Series, solution and step files of others, one format a file.

A command opens files and hands bytes on: `table.read_all([(name, content)], options)` gives series
and what was put right (`notices`, for people); `steps.table.read_steps(content, name)` gives known
changes.  Everything that is wrong with a file is a SeriesFileError with its name and line.
"""
