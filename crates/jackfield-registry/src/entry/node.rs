//! Reads members of a JSON object within limits, with the place of each problem.

use serde_json::{Map, Value};

use super::error::EntryError;

/// The maximum number of bytes of a short text, such as a name.
pub(crate) const NAME: usize = 256;
/// The maximum number of bytes of a URL.
pub(crate) const URL: usize = 2_048;
/// The maximum number of bytes of any other text.
pub(crate) const TEXT: usize = 4_096;

/// An object within an entry, and its place.
pub(super) struct Node<'v> {
    members: &'v Map<String, Value>,
    place: String,
}

impl<'v> Node<'v> {
    /// Reads an object.
    pub(super) fn of(value: &'v Value, place: impl Into<String>) -> Result<Self, EntryError> {
        let place = place.into();
        match value.as_object() {
            Some(members) => Ok(Self { members, place }),
            None => Err(EntryError::new(place, "this is not an object")),
        }
    }

    /// Returns the place of a member.
    pub(super) fn place(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}/{name}", self.place) }
    }

    pub(super) fn error(&self, name: &str, problem: impl Into<String>) -> EntryError {
        EntryError::new(self.place(name), problem)
    }

    /// Returns a member. A member that is `null` counts as missing.
    pub(super) fn member(&self, name: &str) -> Option<&'v Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// Returns a text of at most `most` bytes.
    pub(super) fn text(&self, name: &str, most: usize) -> Result<Option<String>, EntryError> {
        let Some(value) = self.member(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| self.error(name, "this is not a text"))?;
        self.check_length(name, text, most)?;
        Ok(Some(text.to_owned()))
    }

    /// Returns a text that must exist and must not be empty.
    pub(super) fn required(&self, name: &str, most: usize) -> Result<String, EntryError> {
        let text = self.text(name, most)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| self.error(name, format!("the member {name:?} is missing")))
    }

    /// Returns a text, or a number or boolean as text: publishers write `"default": 8080`.
    pub(super) fn scalar(&self, name: &str, most: usize) -> Result<Option<String>, EntryError> {
        match self.member(name) {
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(value.to_string())),
            _ => self.text(name, most),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, EntryError> {
        let Some(value) = self.member(name) else { return Ok(false) };
        value.as_bool().ok_or_else(|| self.error(name, "this is neither true nor false"))
    }

    /// Returns the elements of an array, each with its place.
    pub(super) fn list(&self, name: &str, most: usize) -> Result<Vec<(&'v Value, String)>, EntryError> {
        let Some(value) = self.member(name) else { return Ok(Vec::new()) };
        let list = value.as_array().ok_or_else(|| self.error(name, "this is not an array"))?;
        if list.len() > most {
            return Err(self.error(name, format!("this array has {} elements, at most {most}", list.len())));
        }
        let place = self.place(name);
        Ok(list.iter().enumerate().map(|(at, value)| (value, format!("{place}/{at}"))).collect())
    }

    /// Returns the members of an object, each with its name and place.
    pub(super) fn map(
        &self,
        name: &str,
        most: usize,
    ) -> Result<Vec<(&'v String, &'v Value, String)>, EntryError> {
        let Some(value) = self.member(name) else { return Ok(Vec::new()) };
        let map = value.as_object().ok_or_else(|| self.error(name, "this is not an object"))?;
        if map.len() > most {
            return Err(self.error(name, format!("this object has {} members, at most {most}", map.len())));
        }
        let place = self.place(name);
        let mut members = Vec::with_capacity(map.len());
        for (name, value) in map {
            if name.is_empty() || name.len() > NAME {
                return Err(EntryError::new(
                    place,
                    format!("a name has {} bytes, at most {NAME}", name.len()),
                ));
            }
            members.push((name, value, format!("{place}/{name}")));
        }
        Ok(members)
    }

    fn check_length(&self, name: &str, text: &str, most: usize) -> Result<(), EntryError> {
        if text.len() <= most {
            return Ok(());
        }
        Err(self.error(name, format!("this text has {} bytes, at most {most}", text.len())))
    }
}
