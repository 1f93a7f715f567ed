//! The table entry of a parameter that is a setting of the connector instead of an argument.

use jackfield_recipe::Location;

/// A header or query parameter with the same value for all requests. An environment variable can replace the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterSetting<'a> {
    pub(crate) location: Location,
    pub(crate) wire: &'a str,
    pub(crate) value: Option<&'a str>,
    pub(crate) only: &'a [&'a str],
    pub(crate) except: &'a [&'a str],
}

impl<'a> ParameterSetting<'a> {
    /// Creates a header. If it has no value, it is sent only if an environment variable sets it.
    pub const fn header(wire: &'a str) -> Self {
        Self::new(Location::Header, wire)
    }

    /// Creates a query parameter. If it has no value, it is sent only if an environment variable sets it.
    pub const fn query(wire: &'a str) -> Self {
        Self::new(Location::Query, wire)
    }

    const fn new(location: Location, wire: &'a str) -> Self {
        Self { location, wire, value: None, only: &[], except: &[] }
    }

    /// Sets the default value.
    pub const fn value(self, value: &'a str) -> Self {
        Self { value: Some(value), ..self }
    }

    /// Sends the parameter only with the requests of the given tools.
    pub const fn only(self, only: &'a [&'a str]) -> Self {
        Self { only, ..self }
    }

    /// Sends the parameter with the requests of all tools except the given tools.
    pub const fn except(self, except: &'a [&'a str]) -> Self {
        Self { except, ..self }
    }

    /// Whether the requests of a tool include the parameter.
    pub(crate) fn is_for(&self, tool: &str) -> bool {
        (self.only.is_empty() || self.only.contains(&tool)) && !self.except.contains(&tool)
    }
}
