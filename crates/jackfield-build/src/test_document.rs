//! A document for unit tests.

/// Returns a document with the operations `listBooks` and `burnBooks`. `parameters` are the parameters of the first, as a YAML list.
pub(crate) fn shop_document(parameters: &str) -> String {
    format!(
        "\
openapi: 3.0.3
servers: [{{ url: https://api.example.com }}]
paths:
  /books:
    get:
      operationId: listBooks
      parameters: {parameters}
      responses: {{ '204': {{ description: Done. }} }}
    delete: {{ operationId: burnBooks, responses: {{ '204': {{ description: Done. }} }} }}
"
    )
}
