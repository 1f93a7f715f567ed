//! Records the steps of a tool's mapping. A generated function is called without arguments, and records the steps that it takes.

use jackfield_recipe::Step;

use crate::call::args::Args;
use crate::call::request::Request;
use crate::call::rows::{Mapping, Tool};

/// Returns the steps that build the request from the arguments.
pub fn steps(tool: &Tool<'_>) -> Vec<Step> {
    match tool.mapping {
        Mapping::Recipe(recipe) => recipe.to_vec(),
        Mapping::Function(bind) => {
            let mut request = Request::recording();
            // A recording request accepts every step, even without arguments.
            let _ = bind(&Args::default(), &mut request);
            request.into_steps()
        }
    }
}
