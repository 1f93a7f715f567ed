//! The row of a parameter that is a setting instead of an argument.

use jackfield_recipe::Location;

/// A header or query parameter with one value for all requests. A variable replaces the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterSetting {
    pub(crate) location: Location,
    pub(crate) wire: &'static str,
    pub(crate) value: Option<&'static str>,
    pub(crate) only: &'static [&'static str],
    pub(crate) except: &'static [&'static str],
}

impl ParameterSetting {
    /// A header. Without a value it is sent only if a variable sets it.
    pub const fn header(wire: &'static str) -> Self {
        Self::new(Location::Header, wire)
    }

    /// A query parameter. Without a value it is sent only if a variable sets it.
    pub const fn query(wire: &'static str) -> Self {
        Self::new(Location::Query, wire)
    }

    const fn new(location: Location, wire: &'static str) -> Self {
        Self { location, wire, value: None, only: &[], except: &[] }
    }

    /// Sets the value.
    pub const fn value(self, value: &'static str) -> Self {
        Self { value: Some(value), ..self }
    }

    /// Sends it with the requests of these tools only.
    pub const fn only(self, only: &'static [&'static str]) -> Self {
        Self { only, ..self }
    }

    /// Sends it with the requests of all tools but these.
    pub const fn except(self, except: &'static [&'static str]) -> Self {
        Self { except, ..self }
    }

    /// Whether requests of that tool have it.
    pub(crate) fn is_for(&self, tool: &str) -> bool {
        (self.only.is_empty() || self.only.contains(&tool)) && !self.except.contains(&tool)
    }
}
