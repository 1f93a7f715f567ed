//! Multiplies vectors by a matrix, which takes nearly all of the time of an encoder.

/// The number of outputs that are computed together. They fit into two vector registers on every machine.
const LANES: usize = 8;
/// The number of vectors for which each loaded weight is used.
const ROWS: usize = 4;

/// A matrix and a bias.
pub(super) struct Linear {
    inputs: usize,
    outputs: usize,
    /// The weights, in panels of [`LANES`] outputs. A panel contains the weights of the first input, then of the second, and so on.
    panels: Vec<[f32; LANES]>,
    bias: Vec<f32>,
}

impl Linear {
    /// Creates a matrix from its weights, one row for each output. The number of outputs must be a multiple of eight.
    pub(super) fn new(inputs: usize, outputs: usize, weights: &[f32], bias: Vec<f32>) -> Self {
        let mut panels = Vec::with_capacity(inputs * outputs / LANES);
        for group in weights.chunks_exact(inputs * LANES) {
            for input in 0..inputs {
                panels.push(std::array::from_fn(|lane| group[lane * inputs + input]));
            }
        }
        Self { inputs, outputs, panels, bias }
    }

    /// Multiplies each row of inputs, and returns the rows of outputs, one after the other.
    pub(super) fn apply(&self, rows: &[f32]) -> Vec<f32> {
        let count = rows.len() / self.inputs;
        let mut result = vec![0.0; count * self.outputs];
        let zeros = vec![0.0; self.inputs];
        for first in (0..count).step_by(ROWS) {
            let row = |at: usize| rows.get(at * self.inputs..(at + 1) * self.inputs).unwrap_or(&zeros);
            let block: [&[f32]; ROWS] = std::array::from_fn(|offset| row(first + offset));
            for (group, panel) in self.panels.chunks_exact(self.inputs).enumerate() {
                let sums = products(&block, panel);
                for (offset, sums) in sums.iter().enumerate().take(count - first) {
                    let begin = (first + offset) * self.outputs + group * LANES;
                    let bias = &self.bias[group * LANES..(group + 1) * LANES];
                    for ((result, sum), bias) in result[begin..begin + LANES].iter_mut().zip(sums).zip(bias) {
                        *result = sum + bias;
                    }
                }
            }
        }
        result
    }
}

fn products(rows: &[&[f32]; ROWS], panel: &[[f32; LANES]]) -> [[f32; LANES]; ROWS] {
    let [one, two, three, four] = rows;
    let mut sums = [[0.0_f32; LANES]; ROWS];
    let inputs = panel.iter().zip(*one).zip(*two).zip(*three).zip(*four);
    for ((((weights, one), two), three), four) in inputs {
        for (sums, input) in sums.iter_mut().zip([one, two, three, four]) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += input * weight;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrix_product_is_correct_for_every_number_of_rows() {
        let (inputs, outputs) = (3, 16);
        let weights: Vec<f32> = (0..inputs * outputs).map(|n| (n % 7) as f32 - 3.0).collect();
        let bias: Vec<f32> = (0..outputs).map(|n| n as f32).collect();
        let linear = Linear::new(inputs, outputs, &weights, bias.clone());
        for count in [1, 3, 4, 9] {
            let rows: Vec<f32> = (0..count * inputs).map(|n| n as f32 - 5.0).collect();
            let mut wanted = Vec::new();
            for row in rows.chunks(inputs) {
                for output in 0..outputs {
                    let weights = &weights[output * inputs..(output + 1) * inputs];
                    wanted.push(
                        row.iter().zip(weights).map(|(input, weight)| input * weight).sum::<f32>()
                            + bias[output],
                    );
                }
            }
            assert_eq!(linear.apply(&rows), wanted, "{count} rows");
        }
    }
}
