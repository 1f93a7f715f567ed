//! Environment variables, which tests can replace.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

pub(crate) use jackfield_recipe::Setting;

/// A source of environment variables.
#[derive(Clone)]
pub struct Environment(Arc<LookUp>);

type LookUp = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Environment {
    /// Reads the variables of this process as they are now. A variable that is not UTF-8 counts as not set.
    pub fn of_process() -> Self {
        Self::of(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// Creates an environment that contains only the given variables.
    pub fn of<K: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        let variables: HashMap<String, String> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self(Arc::new(move |name| variables.get(name).cloned()))
    }

    /// Sets one variable.
    #[must_use]
    pub fn with(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (set, value) = (name.into(), value.into());
        Self(Arc::new(move |name| if name == set { Some(value.clone()) } else { (self.0)(name) }))
    }

    /// Hides the given variables.
    #[must_use]
    pub(crate) fn without(self, hidden: BTreeSet<String>) -> Self {
        Self(Arc::new(move |name| (!hidden.contains(name)).then(|| (self.0)(name)).flatten()))
    }

    /// Returns the variable's value. `None` if it is unset or empty.
    pub fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// Returns the variable as a number from 1 to `max`, or `usual` if it is not set.
    ///
    /// # Errors
    /// Returns an error if the variable has any other value.
    pub(crate) fn number(&self, name: &str, usual: usize, max: usize) -> Result<usize, InvalidNumber> {
        let Some(text) = self.get(name) else { return Ok(usual) };
        let number = text.trim().parse().ok().filter(|number| (1..=max).contains(number));
        number.ok_or_else(|| InvalidNumber { variable: name.to_owned(), text })
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

/// The error for a variable whose value is not a valid number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidNumber {
    variable: String,
    text: String,
}

impl fmt::Display for InvalidNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {:?}, but has to be a number of at least 1", self.variable, self.text)
    }
}

impl std::error::Error for InvalidNumber {}
