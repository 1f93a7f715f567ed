//! Validates values against published schemas.

use serde_json::Value;

/// Returns the problems of a value that a schema reports, with their JSON pointers.
pub fn schema_problems(schema: &Value, value: &Value) -> Vec<String> {
    match jsonschema::validator_for(schema) {
        Ok(validator) => {
            let errors = validator.iter_errors(value);
            errors.map(|error| format!("{}: {error}", error.instance_path())).collect()
        }
        Err(error) => vec![format!("the schema is not valid: {error}")],
    }
}
