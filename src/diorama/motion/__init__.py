"""Motion: a scene unfolded into layers, and what moves them through a few seconds.

Every motion is a function of a clock that counts turns: all of them come back after one whole turn,
so that a clip of one turn loops, and a clip may be carried on for as long as one likes.
"""
