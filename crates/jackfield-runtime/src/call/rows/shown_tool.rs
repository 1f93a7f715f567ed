//! The methods that set the properties of a tool that clients see. `Tool` and `Merge` have the same methods.

macro_rules! shown_tool_setters {
    ($row:ident) => {
        impl<'a> $row<'a> {
            /// Sets the title for people.
            pub const fn title(self, title: &'a str) -> Self {
                Self { title, ..self }
            }

            /// Sets the description, by which a model chooses the tool.
            pub const fn description(self, description: &'a str) -> Self {
                Self { description, ..self }
            }

            /// Sets the JSON Schema of the arguments. `#/$defs/NAME` refers to the connector's schema pool.
            pub const fn input(self, input: &'a str) -> Self {
                Self { input, ..self }
            }

            /// Sets the JSON Schema of the structured content. `#/$defs/NAME` refers to the connector's pool of reply schemas.
            pub const fn output(self, output: &'a str) -> Self {
                Self { output, ..self }
            }

            /// Marks the tool as idempotent.
            pub const fn idempotent(self) -> Self {
                Self { idempotent: true, ..self }
            }

            /// Sets the number of tokens that the tool's entry in a list of tools takes.
            pub const fn tokens(self, tokens: usize) -> Self {
                Self { tokens, ..self }
            }

            /// Returns the tool's name.
            pub const fn name(&self) -> &'a str {
                self.name
            }
        }
    };
}

pub(super) use shown_tool_setters;
