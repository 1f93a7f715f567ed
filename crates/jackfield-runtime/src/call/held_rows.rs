//! Handles that keep the tables of a connector alive. The tables are constants, or are freed with their last handle.

use std::fmt;
use std::sync::Arc;

use super::rows::{Connector, Scheme, Tool};
use super::withheld_tool::{WithheldTool, WithheldTools};

/// Owns tables that were created from a document at run time.
pub trait OwnedRows: Send + Sync {
    /// Returns the connector. Every call returns a reference to the same object.
    fn connector(&self) -> &Connector<'_>;
}

/// The tables of a connector: constants, or tables that were created from a document at run time. Cheap to clone.
///
/// The tables of a document are freed when the last clone is dropped.
#[derive(Clone)]
pub struct ConnectorRows {
    rows: Rows,
    /// `None` if nothing is withheld, as in a compiled connector.
    withheld: Option<Arc<WithheldTools>>,
}

#[derive(Clone)]
enum Rows {
    Static(&'static Connector<'static>),
    Owned(Arc<dyn OwnedRows>),
}

impl ConnectorRows {
    const fn of(rows: Rows) -> Self {
        Self { rows, withheld: None }
    }

    /// Adds the tools of the document that are withheld, and so are not in the tables.
    #[must_use]
    pub fn withholding(mut self, withheld: WithheldTools) -> Self {
        self.withheld = (!withheld.tools.is_empty()).then(|| Arc::new(withheld));
        self
    }

    /// Returns the withheld tools.
    pub fn withheld(&self) -> &[WithheldTool] {
        self.withheld.as_ref().map_or(&[], |withheld| &withheld.tools)
    }

    /// Returns the command that reviews and accepts the withheld tools.
    pub(crate) fn remedy(&self) -> &str {
        self.withheld.as_ref().map_or("", |withheld| &withheld.remedy)
    }

    /// Returns the tables of the connector.
    pub fn get(&self) -> &Connector<'_> {
        match &self.rows {
            Rows::Static(connector) => connector,
            Rows::Owned(rows) => rows.connector(),
        }
    }

    /// Returns handles of all tools, group by group.
    pub fn tools(&self) -> impl Iterator<Item = ToolHandle> + '_ {
        let groups = self.get().groups.iter().enumerate();
        groups.flat_map(move |(group, rows)| (0..rows.tools.len()).map(move |at| self.tool(group, at)))
    }

    fn tool(&self, group: usize, at: usize) -> ToolHandle {
        ToolHandle(match &self.rows {
            Rows::Static(connector) => HeldTool::Static(connector.groups[group].tools[at]),
            Rows::Owned(rows) => HeldTool::Owned { rows: Arc::clone(rows), group, at },
        })
    }

    /// Returns the handle of the security scheme with the given index.
    pub(crate) fn scheme(&self, at: usize) -> SchemeHandle {
        SchemeHandle { rows: self.clone(), at }
    }
}

impl From<&'static Connector<'static>> for ConnectorRows {
    fn from(connector: &'static Connector<'static>) -> Self {
        Self::of(Rows::Static(connector))
    }
}

impl<T: OwnedRows + 'static> From<Arc<T>> for ConnectorRows {
    fn from(rows: Arc<T>) -> Self {
        Self::of(Rows::Owned(rows))
    }
}

impl From<&Self> for ConnectorRows {
    fn from(rows: &Self) -> Self {
        rows.clone()
    }
}

impl fmt::Debug for ConnectorRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectorRows({})", self.get().name)
    }
}

/// A handle of a tool, which keeps the tables of the tool's connector alive. Cheap to clone.
#[derive(Clone)]
pub struct ToolHandle(HeldTool);

#[derive(Clone)]
enum HeldTool {
    Static(&'static Tool<'static>),
    Owned { rows: Arc<dyn OwnedRows>, group: usize, at: usize },
}

impl ToolHandle {
    /// Returns the table entry of the tool.
    pub fn get(&self) -> &Tool<'_> {
        match &self.0 {
            HeldTool::Static(tool) => tool,
            HeldTool::Owned { rows, group, at } => rows.connector().groups[*group].tools[*at],
        }
    }
}

impl From<&'static Tool<'static>> for ToolHandle {
    fn from(tool: &'static Tool<'static>) -> Self {
        Self(HeldTool::Static(tool))
    }
}

impl From<&Self> for ToolHandle {
    fn from(tool: &Self) -> Self {
        tool.clone()
    }
}

impl fmt::Debug for ToolHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// A handle of a security scheme, which keeps the tables of the scheme's connector alive. Cheap to clone.
#[derive(Clone)]
pub(crate) struct SchemeHandle {
    rows: ConnectorRows,
    at: usize,
}

impl SchemeHandle {
    /// Returns the table entry of the scheme.
    pub(crate) fn get(&self) -> &Scheme<'_> {
        &self.connector().schemes[self.at]
    }

    /// Returns the connector of the scheme.
    pub(crate) fn connector(&self) -> &Connector<'_> {
        self.rows.get()
    }
}

impl fmt::Debug for SchemeHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
