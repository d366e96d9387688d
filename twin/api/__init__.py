"""The edge: HTTP and GraphQL. Parses, calls one service function with the actor, maps fields."""
