"""From a publisher's source to finished pages. Pure: no clock, network, database, randomness."""
