use jackfield_model::Step;
use proc_macro2::TokenStream;
use quote::quote;

use super::{ident, operation};
use crate::names::ToolGroup;

/// The file of one tag: the list of its tools, then each tool. It is `include!`d by users of build.rs, so it has no
/// inner attributes.
pub(crate) fn group(group: &ToolGroup<'_>) -> TokenStream {
    let imports = imports(group);
    let rows = group.tools.iter().map(|tool| ident(&tool.row));
    let operations = group.tools.iter().map(operation::operation);
    quote! {
        use ::jackfield_runtime::v1::{#(#imports),*};

        /// The tools of this group.
        pub static TOOLS: &[&Tool] = &[#(&#rows),*];

        #(#operations)*
    }
}

/// What the file names, and nothing else: an unused import would be a warning in somebody's build.
fn imports(group: &ToolGroup<'_>) -> Vec<TokenStream> {
    let mut imports = vec![quote!(ArgError), quote!(Args), quote!(Effect)];
    let mut steps = group.tools.iter().flat_map(|tool| &tool.operation.recipe);
    let encodes = steps.any(|step| {
        use jackfield_model::{Encoding, Location};
        match step {
            Step::Path { encoding, .. } => *encoding != Encoding::default_of(Location::Path),
            Step::Query { encoding, .. } => *encoding != Encoding::default_of(Location::Query),
            Step::Header { encoding, .. } => *encoding != Encoding::default_of(Location::Header),
            Step::Cookie { encoding, .. } => *encoding != Encoding::default_of(Location::Cookie),
            Step::ContentType { .. } | Step::JsonObject | Step::JsonField { .. } | Step::JsonBody { .. } => {
                false
            }
        }
    });
    if encodes {
        imports.push(quote!(Encoding));
    }
    let needs =
        |tool: &crate::names::NamedTool<'_>| tool.operation.security.iter().any(|one| !one.needs.is_empty());
    if group.tools.iter().any(needs) {
        imports.push(quote!(Need));
    }
    imports.extend([quote!(Request), quote!(Tool)]);
    imports
}
