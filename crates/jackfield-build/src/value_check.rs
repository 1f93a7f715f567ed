//! The check of values in connector.toml against schemas. Programs that have a JSON Schema validator set it.

use std::sync::OnceLock;

use jackfield_surface::ValueCheck;

static VALUE_CHECK: OnceLock<ValueCheck> = OnceLock::new();

/// Sets the check of values in connector.toml against the schemas of their arguments. Without it, types, values, bounds and lengths are
/// checked, but not patterns and formats. If this function is called again, the first check stays.
pub fn check_values_with(check: ValueCheck) {
    _ = VALUE_CHECK.set(check);
}

pub(crate) fn value_check() -> Option<ValueCheck> {
    VALUE_CHECK.get().copied()
}
