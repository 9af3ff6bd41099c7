"""The steps of the pipeline, one a file, each with the signature `step(work)`."""
