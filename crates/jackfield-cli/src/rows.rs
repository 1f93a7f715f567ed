//! Builds at run time the static tables that generated code would declare.

mod arena;
mod auth;
mod connector;
mod document_rows;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jackfield_build::model::{SurfaceKind, visible_line};
use jackfield_build::{Modelled, NamedConnector, ServedModel, UnacceptedTool, Withheld};
use jackfield_runtime::rows::{ConnectorRows, WithheldTool, WithheldTools};

use document_rows::DocumentRows;

/// Builds the tables of a connector. They are freed when their last handle is dropped.
pub fn connector(modelled: Modelled) -> ConnectorRows {
    Arc::new(DocumentRows::of(modelled.into_named())).into()
}

/// Builds the tables of a connector from its model and names.
pub(crate) fn of_named(named: NamedConnector) -> ConnectorRows {
    Arc::new(DocumentRows::of(named)).into()
}

/// Builds the tables of a connector with the given surface.
/// Tokens are counted only if the surface depends on them, because counting is slow. Generated code always contains the counts.
pub fn connector_with(surface: SurfaceKind, modelled: Modelled) -> ConnectorRows {
    let named = match surface {
        SurfaceKind::Auto | SurfaceKind::Promoted => modelled.into_counted(),
        SurfaceKind::Each | SurfaceKind::Search => modelled.into_named(),
    };
    Arc::new(DocumentRows::of(named)).into()
}

/// Builds the tables of the served part of a connector. The tables also list the withheld tools.
pub(crate) fn of_served(surface: SurfaceKind, served: ServedModel) -> ConnectorRows {
    let ServedModel { modelled, withheld } = served;
    connector_with(surface, modelled).withholding(withheld_tools(&withheld))
}

fn withheld_tools(withheld: &Withheld) -> WithheldTools {
    let tool = |tool: &UnacceptedTool| {
        let because: Vec<String> = tool.because.iter().map(ToString::to_string).collect();
        WithheldTool {
            name: tool.name.to_string(),
            effect: tool.effect,
            because: visible_line(&because.join(", and ")).into_owned(),
        }
    };
    WithheldTools { tools: withheld.tools.iter().map(tool).collect(), remedy: withheld.remedy() }
}
