//! The position of a value in a document, with the keys that say what the value means.

use jackfield_build::model::{Place, Pointer};

/// The position of a value, with the keys that say what the value means.
#[derive(Clone)]
pub(super) struct ValuePlace {
    pub(super) place: Place,
    /// The nearest enclosing key of a mapping.
    pub(super) key: String,
    /// The name of the parameter or property to which an example belongs.
    pub(super) name: String,
    /// Whether an enclosing key such as `example` or `default` shows that the value is an example.
    pub(super) is_example: bool,
    /// The value that a fix would remove.
    pub(super) example: Option<Pointer>,
    /// Whether the parent maps names to schemas, so that its keys are names.
    holds_names: bool,
    /// Whether an overlay can change the file.
    pub(super) can_overlay: bool,
}

impl ValuePlace {
    /// Returns the root of a file.
    pub(super) fn root(place: Place, can_overlay: bool) -> Self {
        Self {
            place,
            key: String::new(),
            name: String::new(),
            is_example: false,
            example: None,
            holds_names: false,
            can_overlay,
        }
    }

    /// Returns the position of an item of an array.
    pub(super) fn item(&self, place: Place) -> Self {
        let begins = self.is_example && self.example.is_none();
        let example = if begins { Some(place.pointer.clone()) } else { self.example.clone() };
        Self { place, example, holds_names: false, ..self.clone() }
    }

    /// Returns the position of the entry `name` of a mapping. `own` is the value of this entry.
    pub(super) fn entry(&self, key: &str, own: Option<&str>, place: Place) -> Self {
        let begins_example =
            !self.holds_names && matches!(key, "example" | "examples" | "default" | "x-example" | "const");
        let holds_names = !self.is_example && !self.holds_names && is_map_of_names(key);
        let name = match own {
            _ if self.holds_names || self.is_example => key,
            Some(own) if begins_example => own,
            _ => &self.name,
        };
        Self {
            name: name.to_owned(),
            key: if self.holds_names { String::new() } else { key.to_owned() },
            is_example: self.is_example || begins_example,
            // A fix removes only one example of an array or mapping.
            example: match self.is_example && self.example.is_none() || begins_example && key != "examples" {
                true => self.example.clone().or_else(|| Some(place.pointer.clone())),
                false => self.example.clone(),
            },
            holds_names,
            can_overlay: self.can_overlay,
            place,
        }
    }
}

/// Returns whether the value of `key` is a mapping by names. In `properties`, for example, a key `description` is not a description.
fn is_map_of_names(key: &str) -> bool {
    matches!(
        key,
        "properties"
            | "patternProperties"
            | "schemas"
            | "parameters"
            | "responses"
            | "requestBodies"
            | "headers"
            | "securitySchemes"
            | "securityDefinitions"
            | "definitions"
            | "$defs"
            | "paths"
            | "variables"
            | "content"
            | "callbacks"
            | "links"
            | "encoding"
            | "scopes"
    )
}
