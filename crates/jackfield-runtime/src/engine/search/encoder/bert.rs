//! BERT without its pooler: embeddings, layers of attention, and the mean over tokens.

use serde_json::Value;

use super::error::Invalid;
use super::linear::Linear;
use super::safetensors::Tensors;

/// The maximum number of tokens. Descriptions begin with what a tool does, and encoding takes longer with each token.
const MOST_TOKENS: usize = 128;
const MOST_LAYERS: usize = 48;

/// The parameters of the model that the tensors do not contain.
pub(super) struct Shape {
    heads: usize,
    epsilon: f32,
}

pub(super) struct Bert {
    size: usize,
    heads: usize,
    vocabulary: usize,
    positions: usize,
    /// The vectors of the tokens, and the vectors of the positions. The vector of the first segment is already added to the positions.
    words: Vec<f32>,
    places: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    output_norm: Norm,
    wide: Linear,
    narrow: Linear,
    norm: Norm,
}

/// Layer normalization: scales each vector to mean 0 and variance 1, and then by learned numbers.
struct Norm {
    scale: Vec<f32>,
    shift: Vec<f32>,
    epsilon: f32,
}

impl Shape {
    /// Reads the parameters from `config.json`. Without that file, returns the parameters of the common small encoders.
    pub(super) fn of(config: Option<&Value>) -> Result<Self, Invalid> {
        let get = |key: &str| config.and_then(|config| config.get(key));
        let heads = get("num_attention_heads").map_or(Some(12), Value::as_u64);
        let heads =
            heads.and_then(|heads| usize::try_from(heads).ok()).filter(|heads| (1..=256).contains(heads));
        let activation = get("hidden_act").map_or(Some("gelu"), Value::as_str);
        if activation != Some("gelu") {
            return Err(format!("hidden_act is {activation:?}, only \"gelu\" is supported").into());
        }
        Ok(Self {
            heads: heads.ok_or("num_attention_heads is not a number from 1 to 256")?,
            epsilon: get("layer_norm_eps").and_then(Value::as_f64).unwrap_or(1e-12) as f32,
        })
    }
}

impl Bert {
    pub(super) fn new(tensors: &Tensors<'_>, shape: &Shape) -> Result<Self, Invalid> {
        let prefix = if tensors.has("bert.embeddings.word_embeddings.weight") { "bert." } else { "" };
        let load = Load { tensors, prefix, epsilon: shape.epsilon };
        let ([vocabulary, size], words) = load.numbers("embeddings.word_embeddings.weight", [0, 0])?;
        if size % 8 != 0 || size % shape.heads != 0 {
            return Err(format!(
                "vectors of {size} numbers cannot be divided by 8 and {} heads",
                shape.heads
            )
            .into());
        }
        let ([positions, _], mut places) =
            load.numbers("embeddings.position_embeddings.weight", [0, size])?;
        let (_, kinds) = load.numbers("embeddings.token_type_embeddings.weight", [0, size])?;
        for place in places.chunks_exact_mut(size) {
            add(place, &kinds);
        }
        let norm = load.norm("embeddings.LayerNorm", size)?;
        let mut layers = Vec::new();
        while tensors.has(&format!("{prefix}encoder.layer.{}.attention.self.query.weight", layers.len())) {
            if layers.len() == MOST_LAYERS {
                return Err(format!("the model has more than {MOST_LAYERS} layers").into());
            }
            layers.push(load.layer(layers.len(), size)?);
        }
        if layers.is_empty() {
            return Err("the model has no layers of BERT (encoder.layer.0)".into());
        }
        Ok(Self { size, heads: shape.heads, vocabulary, positions, words, places, norm, layers })
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    pub(super) fn most_tokens(&self) -> usize {
        self.positions.min(MOST_TOKENS)
    }

    /// Returns the mean of the vectors of all tokens, scaled to length 1.
    pub(super) fn encode(&self, tokens: &[usize]) -> Vec<f32> {
        let mut rows = Vec::with_capacity(tokens.len() * self.size);
        for (token, place) in tokens.iter().zip(self.places.chunks_exact(self.size)) {
            let begin = rows.len();
            rows.extend_from_slice(&self.words[token * self.size..(token + 1) * self.size]);
            add(&mut rows[begin..], place);
        }
        self.norm.apply(&mut rows);
        for layer in &self.layers {
            layer.apply(&mut rows, self.size, self.heads);
        }
        let mut mean = vec![0.0; self.size];
        for row in rows.chunks_exact(self.size) {
            add(&mut mean, row);
        }
        let length = mean.iter().map(|number| number * number).sum::<f32>().sqrt();
        if length > 0.0 {
            mean.iter_mut().for_each(|number| *number /= length);
        }
        mean
    }
}

impl Layer {
    fn apply(&self, rows: &mut [f32], size: usize, heads: usize) {
        let [queries, keys, values] = [&self.query, &self.key, &self.value].map(|linear| linear.apply(rows));
        let attended = attend(&queries, &keys, &values, size, heads);
        add(rows, &self.output.apply(&attended));
        self.output_norm.apply(rows);
        let mut wide = self.wide.apply(rows);
        wide.iter_mut().for_each(|number| *number = gelu(*number));
        add(rows, &self.narrow.apply(&wide));
        self.norm.apply(rows);
    }
}

impl Norm {
    fn apply(&self, rows: &mut [f32]) {
        let size = self.scale.len();
        for row in rows.chunks_exact_mut(size) {
            let mean = row.iter().sum::<f32>() / size as f32;
            let variance = row.iter().map(|number| (number - mean).powi(2)).sum::<f32>() / size as f32;
            let factor = 1.0 / (variance + self.epsilon).sqrt();
            for ((number, scale), shift) in row.iter_mut().zip(&self.scale).zip(&self.shift) {
                *number = (*number - mean) * factor * scale + shift;
            }
        }
    }
}

/// Computes attention: for each token, the mean of the values of all tokens, weighted by how well their keys match the query of the token.
/// Each attention head is computed separately.
fn attend(queries: &[f32], keys: &[f32], values: &[f32], size: usize, heads: usize) -> Vec<f32> {
    let width = size / heads;
    let scale = 1.0 / (width as f32).sqrt();
    let mut result = vec![0.0; queries.len()];
    let mut weights = Vec::new();
    for head in 0..heads {
        let part = head * width..(head + 1) * width;
        for (query, result) in queries.chunks_exact(size).zip(result.chunks_exact_mut(size)) {
            weights.clear();
            weights.extend(
                keys.chunks_exact(size).map(|key| dot(&query[part.clone()], &key[part.clone()]) * scale),
            );
            let highest = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            weights.iter_mut().for_each(|weight| *weight = (*weight - highest).exp());
            let sum: f32 = weights.iter().sum();
            for (weight, value) in weights.iter().zip(values.chunks_exact(size)) {
                for (result, value) in result[part.clone()].iter_mut().zip(&value[part.clone()]) {
                    *result += weight / sum * value;
                }
            }
        }
    }
    result
}

pub(super) fn dot(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (ones, one_rest) = one.as_chunks::<8>();
    let (others, other_rest) = other.as_chunks::<8>();
    for (one, other) in ones.iter().zip(others) {
        for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
            *sum += one * other;
        }
    }
    let rest = one_rest.iter().zip(other_rest).map(|(one, other)| one * other).sum::<f32>();
    sums.iter().sum::<f32>() + rest
}

fn add(to: &mut [f32], numbers: &[f32]) {
    for (to, number) in to.iter_mut().zip(numbers) {
        *to += number;
    }
}

/// Returns the activation of BERT, with the error function to seven digits (Abramowitz and Stegun 7.1.26).
fn gelu(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let polynomial =
        t * (0.254_829_6 + t * (-0.284_496_74 + t * (1.421_413_7 + t * (-1.453_152 + t * 1.061_405_4))));
    let error = 1.0 - polynomial * (-z * z).exp();
    0.5 * x * (1.0 + error.copysign(x))
}

/// Reads the tensors of a model.
struct Load<'t, 'b> {
    tensors: &'t Tensors<'b>,
    prefix: &'static str,
    epsilon: f32,
}

impl Load<'_, '_> {
    fn numbers<const D: usize>(
        &self,
        name: &str,
        shape: [usize; D],
    ) -> Result<([usize; D], Vec<f32>), Invalid> {
        self.tensors.numbers(&format!("{}{name}", self.prefix), shape)
    }

    fn norm(&self, name: &str, size: usize) -> Result<Norm, Invalid> {
        let (_, scale) = self.numbers(&format!("{name}.weight"), [size])?;
        let (_, shift) = self.numbers(&format!("{name}.bias"), [size])?;
        Ok(Norm { scale, shift, epsilon: self.epsilon })
    }

    fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<Linear, Invalid> {
        let ([outputs, inputs], weights) = self.numbers(&format!("{name}.weight"), [outputs, inputs])?;
        if outputs % 8 != 0 {
            return Err(format!("tensor `{name}.weight` has {outputs} rows, which 8 does not divide").into());
        }
        let (_, bias) = self.numbers(&format!("{name}.bias"), [outputs])?;
        Ok(Linear::new(inputs, outputs, &weights, bias))
    }

    fn layer(&self, number: usize, size: usize) -> Result<Layer, Invalid> {
        let name = |part: &str| format!("encoder.layer.{number}.{part}");
        let square = |part: &str| self.linear(&name(part), size, size);
        let ([between, _], _) = self.numbers(&name("intermediate.dense.weight"), [0, size])?;
        Ok(Layer {
            query: square("attention.self.query")?,
            key: square("attention.self.key")?,
            value: square("attention.self.value")?,
            output: square("attention.output.dense")?,
            output_norm: self.norm(&name("attention.output.LayerNorm"), size)?,
            wide: self.linear(&name("intermediate.dense"), size, between)?,
            narrow: self.linear(&name("output.dense"), between, size)?,
            norm: self.norm(&name("output.LayerNorm"), size)?,
        })
    }
}
