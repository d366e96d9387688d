"""The GraphQL API: nouns are Relay nodes, lists are connections, mutations are verbs with typed user errors."""
