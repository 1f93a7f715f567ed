use std::collections::BTreeSet;

use jackfield_recipe::Step;
use serde_json::Value;

/// An operation of the mocked API.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    /// The name of the tool.
    pub tool: String,
    /// The HTTP method.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The steps that build the request from the arguments.
    pub steps: Vec<Step>,
    /// Query parameters that are not arguments: settings of the connector, and credentials.
    pub ignored: BTreeSet<String>,
    /// The pagination of the operation's list.
    pub paging: Option<Paging>,
    /// Values that are set in every reply, such as the state of a completed job, with their JSON pointers.
    pub set: Vec<(String, Value)>,
    /// Strings that are set in every reply if the value at their JSON pointer is a string. A boolean at the pointer is set to true instead.
    pub replace: Vec<(String, Value)>,
    /// Headers that are added to every reply.
    pub headers: Vec<(String, String)>,
}

/// Describes the pagination of a list. JSON pointers name values in replies.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// The argument that selects the page. Empty if only a URL leads to the next page.
    pub position: String,
    /// The position of the first page, if the position is a page number or an offset.
    pub first: Option<u64>,
    /// The JSON pointer to the array of items.
    pub items: Option<String>,
    /// The JSON pointer to the cursor, number or URL that leads to the next page.
    pub next: Option<String>,
    /// The JSON pointer to a boolean that is true if another page follows.
    pub more: Option<String>,
    /// The JSON pointer to a boolean that is true on the last page.
    pub last: Option<String>,
    /// The JSON pointers to the total number of items and to the total number of pages.
    pub totals: Vec<String>,
    /// Whether `next` points to a URL.
    pub is_address: bool,
}
