//! How much one evaluation may compute.

use kernels::Workspace;

use crate::fault::NodeFault;

/// Values that one evaluation makes in all: 256 MB of float32.
const MOST_VALUES: usize = 1 << 26;
/// Products that convolutions, pooling and matrix products of one evaluation make in all.
const MOST_PRODUCTS: u64 = 1 << 37;
/// Dimensions of a tensor.
pub(crate) const MOST_DIMENSIONS: usize = 16;

/// What is left of an evaluation's limits, and the kernels' memory.
#[derive(Debug)]
pub(crate) struct Budget {
    values: usize,
    products: u64,
    pub workspace: Workspace,
}

impl Budget {
    /// A full one.
    pub fn new() -> Self {
        Self { values: MOST_VALUES, products: MOST_PRODUCTS, workspace: Workspace::new() }
    }

    /// As at the beginning, for another evaluation.
    pub fn refill(&mut self) {
        (self.values, self.products) = (MOST_VALUES, MOST_PRODUCTS);
    }

    /// Takes the values of one tensor; gives their number. An empty one costs as if its zeros were ones, since the walk
    /// over its other axes does.
    pub fn values(&mut self, shape: &[usize]) -> Result<usize, NodeFault> {
        if shape.len() > MOST_DIMENSIONS {
            return Err(NodeFault::Shape);
        }
        let count = without_zeros(shape).ok_or(NodeFault::TooLarge)?;
        self.values = self.values.checked_sub(count).ok_or(NodeFault::TooLarge)?;
        Ok(if shape.contains(&0) { 0 } else { count })
    }

    /// Takes as many products as these sizes multiply to.
    pub fn products(&mut self, sizes: &[usize]) -> Result<(), NodeFault> {
        let count = sizes.iter().try_fold(1u64, |count, &size| count.checked_mul(size as u64));
        self.products = count.and_then(|count| self.products.checked_sub(count)).ok_or(NodeFault::TooLarge)?;
        Ok(())
    }

    /// Whether a buffer of these sizes is no larger than all values may be.
    pub fn allows(sizes: &[usize]) -> bool {
        product(sizes).is_some()
    }
}

/// The product of sizes, 0 where one is; `None` where it is more than an evaluation may have, zeros left out.
pub(crate) fn product(sizes: &[usize]) -> Option<usize> {
    let count = without_zeros(sizes)?;
    Some(if sizes.contains(&0) { 0 } else { count })
}

fn without_zeros(sizes: &[usize]) -> Option<usize> {
    let others = sizes.iter().copied().filter(|&size| size != 0);
    others.into_iter().try_fold(1usize, usize::checked_mul).filter(|&count| count <= MOST_VALUES)
}
