use jackfield_recipe::Step;

use crate::call::args::{ArgError, Args};
use crate::call::request::Request;

/// A mapping function, which builds a request from arguments.
pub type Bind = fn(&Args, &mut Request) -> Result<(), ArgError>;

/// The way in which a tool builds a request from its arguments.
#[derive(Clone, Copy)]
pub(crate) enum Mapping<'a> {
    /// A generated function.
    Function(Bind),
    /// A recipe. Interpreting it has the same effect as calling the generated function.
    Recipe(&'a [Step]),
}
