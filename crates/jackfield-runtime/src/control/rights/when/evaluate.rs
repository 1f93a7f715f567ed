//! Compiles and evaluates conditions in CEL.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use cel::{Context, Env, ParseErrors, Program};
use serde_json::{Map, Value};

use super::call::{WhenCall, WhenError};
use super::cost::{Check, MOST_VALUES};

/// The maximum number of bytes of an expression.
const LONGEST: usize = 1000;

/// The maximum number of nested brackets, because the parser is recursive.
const DEEPEST: usize = 24;

/// The number of bytes of the parser's stack.
const STACK: usize = 32 << 20;

/// The maximum number of bytes of all strings in the arguments of a call.
const MOST_BYTES: usize = 16 * 1024;

/// The functions of CEL.
static LANGUAGE: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// Compiles an expression whose cost is bounded.
///
/// # Errors
/// Returns an error if `text` is not a CEL expression, or if its evaluation could cost too much.
pub(super) fn compile(text: &str) -> Result<Program, WhenError> {
    let refuse =
        |at, problem: String, remedy: &str| Err(WhenError { at, problem, remedy: remedy.to_owned() });
    if text.len() > LONGEST {
        let problem = format!("the condition has {} bytes (limit {LONGEST})", text.len());
        return refuse(0, problem, "write several rules");
    }
    if let Some(at) = too_deep(text) {
        let problem =
            format!("the condition has too many nested brackets, or too many `?` (limit {DEEPEST})");
        return refuse(at, problem, "write several rules");
    }
    let program = match parse(text) {
        Ok(program) => program,
        Err(errors) => {
            // After a syntax error the parser also reports the expressions that it could not complete.
            let is_syntax = |error: &&cel::ParseError| error.msg.starts_with("Syntax error");
            let first = errors.errors.iter().find(is_syntax).or(errors.errors.first());
            let at = first.as_ref().map_or(0, |error| offset(text, error.pos));
            let why = first.map_or_else(|| "it cannot be parsed".to_owned(), |error| one_line(&error.msg));
            return refuse(
                at,
                format!("the condition is not CEL: {why}"),
                "write it as in `arguments.amount <= 100`",
            );
        }
    };
    let start = |id| program.source_info().offset_for(id).map_or(0, |(start, _)| start as usize);
    Check::run(program.expression(), &start)?;
    Ok(program)
}

/// Parses an expression on a thread with a large stack, because each bracket takes up to 200 KiB of the stack.
fn parse(text: &str) -> Result<Program, ParseErrors> {
    let parsed = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("condition".to_owned()).stack_size(STACK);
        thread.spawn_scoped(scope, || Program::compile(text)).ok().and_then(|thread| thread.join().ok())
    });
    parsed.unwrap_or_else(|| Err(ParseErrors { errors: Vec::new() }))
}

/// Returns the byte offset at which brackets are nested too deeply, or at which there are too many `?`. The parser recurses for both.
/// Brackets and `?` in string literals count as well.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut choices) = (0usize, 0);
    text.bytes().enumerate().find_map(|(at, byte)| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'?' => choices += 1,
            _ => {}
        }
        (depth > DEEPEST || choices > DEEPEST).then_some(at)
    })
}

/// Returns the byte offset of a position. Lines are counted from 1, columns from 0 or 1.
fn offset(text: &str, (line, column): (isize, isize)) -> usize {
    let (line, column) = (usize::try_from(line).unwrap_or(1), usize::try_from(column).unwrap_or(1));
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = (before + column.saturating_sub(1)).min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

/// The reason why a condition cannot be evaluated for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EvaluationError(String);

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the condition holds.
///
/// # Errors
/// Returns an error if the arguments are too large, or if the expression fails for them.
pub(super) fn holds(program: &Program, call: WhenCall<'_>) -> Result<bool, EvaluationError> {
    let WhenCall { caller, target, arguments } = call;
    let mut left = Left { values: MOST_VALUES, bytes: MOST_BYTES };
    let arguments = left.object(arguments)?;
    let mut context = Context::with_env(Arc::clone(&LANGUAGE));
    let client = caller.agent().map_or_else(String::new, |agent| agent.name.clone());
    let texts = [
        ("tool", target.name.to_owned()),
        ("effect", target.effect.as_str().to_owned()),
        ("principal", caller.principal().to_string()),
        ("client", client),
    ];
    for (name, text) in texts {
        context.add_variable_from_value(name, text);
    }
    context.add_variable_from_value("scopes", caller.scopes().to_vec());
    context.add_variable_from_value("arguments", arguments);
    match program.execute(&context) {
        Ok(cel::Value::Bool(holds)) => Ok(holds),
        Ok(_) => Err(EvaluationError("its value is not a boolean".to_owned())),
        Err(error) => Err(EvaluationError(one_line(&error.to_string()))),
    }
}

/// The number of further values, and of further bytes of strings, that the arguments may have.
struct Left {
    values: u64,
    bytes: usize,
}

impl Left {
    fn object(&mut self, members: &Map<String, Value>) -> Result<cel::Value, EvaluationError> {
        let mut found: HashMap<String, cel::Value> = HashMap::with_capacity(members.len());
        for (name, value) in members {
            self.take(0, name)?;
            found.insert(name.clone(), self.value(value)?);
        }
        Ok(found.into())
    }

    fn value(&mut self, value: &Value) -> Result<cel::Value, EvaluationError> {
        self.take(1, value.as_str().unwrap_or_default())?;
        Ok(match value {
            Value::Null => cel::Value::Null,
            Value::Bool(is_true) => (*is_true).into(),
            Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(integer), ..) => integer.into(),
                (None, Some(integer), _) => integer.into(),
                (None, None, Some(float)) => float.into(),
                (None, None, None) => {
                    return Err(EvaluationError("a number in the arguments is out of range".to_owned()));
                }
            },
            Value::String(text) => text.clone().into(),
            Value::Array(items) => {
                let items: Result<Vec<cel::Value>, EvaluationError> =
                    items.iter().map(|item| self.value(item)).collect();
                items?.into()
            }
            Value::Object(members) => self.object(members)?,
        })
    }

    fn take(&mut self, values: u64, text: &str) -> Result<(), EvaluationError> {
        let large = || {
            EvaluationError(format!(
                "the arguments have more than {MOST_VALUES} values, or more than {MOST_BYTES} bytes"
            ))
        };
        self.values = self.values.checked_sub(values).ok_or_else(large)?;
        self.bytes = self.bytes.checked_sub(text.len()).ok_or_else(large)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
