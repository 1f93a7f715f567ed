//! Parameters that should not be arguments: credentials, and settings of the connector.
//!
//! The rules compare all operations of the document. A parameter of one operation is an argument; a parameter
//! that nearly all operations have is a property of the connector.

mod census;
mod choices;
mod credentials;
mod findings;
mod parameter;
mod secrets;
mod settings;
mod steps;
mod value;
mod words;

use jackfield_model::{Connector, Diagnostic, ToolName};

pub use census::Census;
pub use choices::{ConstantArgument, ParameterChoices};

/// The findings of the rules, and the arguments that look constant.
pub(crate) struct Settled {
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) constants: Vec<ConstantArgument>,
}

/// Removes credentials and settings from the arguments of all operations. The effects of the operations have to be known already.
pub(crate) fn settle(connector: &mut Connector, names: &[ToolName], choices: &ParameterChoices) -> Settled {
    let census = choices.census.clone().unwrap_or_else(|| Census::of(connector));
    settings::apply_headers(connector, choices);
    let mut findings = Vec::new();
    findings.extend(credentials::fill(connector, &census, choices));
    let settled = settings::settle(connector, names, &census, choices);
    findings.extend(settled.finding);
    findings.extend(secrets::remaining(connector, choices));
    Settled { findings, constants: settled.constants }
}
