use jackfield_recipe::Step;

use crate::call::args::{ArgError, Args};
use crate::call::request::Request;

/// A mapping function, which builds a request from arguments.
pub type Bind = fn(&Args, &mut Request) -> Result<(), ArgError>;

/// How the arguments of a tool become a request.
#[derive(Clone, Copy)]
pub(crate) enum Mapping<'a> {
    /// A generated function.
    Function(Bind),
    /// A recipe, which is interpreted and has the same effect as the generated function.
    Recipe(&'a [Step]),
}
