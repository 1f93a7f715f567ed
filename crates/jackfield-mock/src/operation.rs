use std::collections::BTreeSet;

use jackfield_recipe::Step;
use serde_json::Value;

/// An operation, as its tool calls it.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    /// The name of the tool.
    pub tool: String,
    /// The HTTP method.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The steps that make a request of the arguments.
    pub steps: Vec<Step>,
    /// Query parameters that are not arguments: settings of the connector, and credentials.
    pub ignored: BTreeSet<String>,
    /// How its list is divided into pages.
    pub paging: Option<Paging>,
    /// Values that every reply has, at JSON Pointers, such as the state of a completed job.
    pub set: Vec<(String, Value)>,
    /// Strings that replace those of a reply, at JSON Pointers. A boolean there becomes true.
    pub replace: Vec<(String, Value)>,
    /// Headers of every reply.
    pub headers: Vec<(String, String)>,
}

/// How a list is divided into pages. Values in replies are named by JSON Pointers.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// The argument that selects the page. Empty if only a URL leads to the next page.
    pub position: String,
    /// The position of the first page, if pages or items are counted.
    pub first: Option<u64>,
    /// The pointer to the list.
    pub items: Option<String>,
    /// The pointer to the token, number or URL that leads to the next page.
    pub next: Option<String>,
    /// The pointer to the value that is true if another page follows.
    pub more: Option<String>,
    /// The pointer to the value that is true if no other page follows.
    pub last: Option<String>,
    /// The pointers to the total numbers of items and of pages.
    pub totals: Vec<String>,
    /// Whether `next` is a URL.
    pub is_address: bool,
}
