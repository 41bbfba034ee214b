"""Stories: plain-text files that a treasurer can read aloud and a machine can run.

`lexer` cuts a file into lines; `values`, `slots` and `forms` say how a form's pattern becomes typed fields;
`setup_forms`, `step_forms`, `billing_forms`, `gateway_forms` and `expectation_forms` are the tables of forms;
`grammar.parse` puts a `Story` together. All of these are pure: text in, frozen dataclasses out. What a story
*does* is the runner's business, which walks the blocks and calls the same actions as every other face.

`examples` tells those that an organization keeps beside its policies; the other faces change policies through it, so
stories lie below them. The reference for writers is docs/stories.md. This face never writes to a table by itself.
"""
