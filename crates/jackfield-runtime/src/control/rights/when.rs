//! Conditions in CEL, the Common Expression Language, for rules that patterns and comparisons cannot express.
//!
//! The interpreter limits neither time nor memory. So an expression may use only functions whose cost is known, and its maximum
//! cost is computed before it is used. The computation assumes a maximum size of the arguments; larger arguments refuse the call.

mod call;
#[cfg(feature = "conditions")]
mod cost;
#[cfg(feature = "conditions")]
mod evaluate;

use std::fmt;
#[cfg(feature = "conditions")]
use std::sync::Arc;

pub(super) use call::{WhenCall, WhenError};

/// A compiled condition.
#[derive(Clone)]
pub(super) struct When {
    text: String,
    #[cfg(feature = "conditions")]
    program: Arc<cel::Program>,
}

impl When {
    /// Compiles an expression.
    ///
    /// # Errors
    /// Returns an error if `text` is not a CEL expression, or if its evaluation could cost too much.
    #[cfg(feature = "conditions")]
    pub(super) fn parse(text: &str) -> Result<Self, WhenError> {
        let program = evaluate::compile(text)?;
        Ok(Self { text: text.to_owned(), program: Arc::new(program) })
    }

    #[cfg(not(feature = "conditions"))]
    pub(super) fn parse(_: &str) -> Result<Self, WhenError> {
        Err(WhenError {
            at: 0,
            problem: "this program was built without conditions in CEL".to_owned(),
            remedy: "build it with `features = [\"conditions\"]` on jackfield-runtime, or use `arguments`"
                .to_owned(),
        })
    }

    /// Returns the reason why the condition does not hold for a call, or cannot be evaluated. `None` if it holds.
    #[cfg(feature = "conditions")]
    pub(super) fn broken(&self, call: WhenCall<'_>) -> Option<String> {
        match evaluate::holds(&self.program, call) {
            Ok(true) => None,
            Ok(false) => Some(format!("`{}` does not hold", self.text)),
            Err(why) => Some(format!("`{}` cannot be evaluated: {why}", self.text)),
        }
    }

    #[cfg(not(feature = "conditions"))]
    pub(super) fn broken(&self, _: WhenCall<'_>) -> Option<String> {
        Some(format!("`{}` cannot be evaluated by this program", self.text))
    }
}

impl PartialEq for When {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "When({:?})", self.text)
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has to hold", self.text)
    }
}
