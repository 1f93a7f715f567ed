//! The argument with which a call selects the fields of its reply.

use jackfield_recipe::ReplyPath;
use serde_json::{Map, Value};

use super::args::ArgError;
use super::argument_problem::ArgumentProblem;

/// The maximum number of paths in one call.
const MOST: usize = 50;

/// Removes the argument from `arguments`, because the service does not get it, and parses its paths. `None` if the call does not
/// set it.
pub(crate) fn take(
    name: &str,
    arguments: &mut Map<String, Value>,
) -> Result<Option<Vec<ReplyPath>>, ArgError> {
    let Some(value) = arguments.remove(name) else { return Ok(None) };
    let error = |problem: ArgumentProblem| ArgError::new(name, problem);
    // The input schema requires an array of strings.
    let texts: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if texts.len() > MOST {
        return Err(error(ArgumentProblem::ManyPaths(MOST)));
    }
    let paths: Result<Vec<ReplyPath>, _> = texts.into_iter().map(str::parse).collect();
    let paths = paths.map_err(|invalid| error(ArgumentProblem::ReplyPath(invalid)))?;
    Ok((!paths.is_empty()).then_some(paths))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reply_fields_argument_is_not_sent_to_the_service() {
        let mut arguments = json!({ "fields": ["a.b", "$.c"], "limit": 1 }).as_object().cloned().unwrap();
        let paths = take("fields", &mut arguments).unwrap().unwrap();
        assert_eq!(paths.iter().map(ReplyPath::as_str).collect::<Vec<_>>(), ["a.b", "$.c"]);
        assert_eq!(Value::Object(arguments.clone()), json!({ "limit": 1 }));
        assert_eq!(take("fields", &mut arguments), Ok(None));
        for (value, reason) in
            [(json!(["a[0]"]), "there are no indexes"), (json!(vec!["a"; 51]), "can have at most 50 items")]
        {
            let mut arguments = json!({ "fields": value }).as_object().cloned().unwrap();
            let error = take("fields", &mut arguments).unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains("`fields`"), "{error}");
        }
        let mut arguments = json!({ "fields": [] }).as_object().cloned().unwrap();
        assert_eq!(take("fields", &mut arguments), Ok(None));
    }
}
