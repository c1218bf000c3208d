/**
 * Gradient-boosted regression trees for the squared error (Friedman, Annals of Statistics 29, 2001): small trees, each of what the
 * ones before it left over, each counted by a tenth.
 */
import { columnsOf, type Predictor, type Regressor, weightAt } from "./regressor.ts";
import { growTree, sortedRows, type TreeNode, treeValue } from "./tree.ts";

const TREES = 150;
const STEP = 0.1;
const limits = { depth: 4, leafRows: 3 };

export const boosted: Regressor = {
  fit(sample): Predictor {
    const sorted = sortedRows(sample, columnsOf(sample));
    let weight = 0;
    let sum = 0;
    for (const [row, target] of sample.targets.entries()) {
      weight += weightAt(sample, row);
      sum += weightAt(sample, row) * target;
    }
    const mean = weight > 0 ? sum / weight : 0;
    const left = sample.targets.map((target) => target - mean);
    const trees: TreeNode[] = [];
    for (let i = 0; i < TREES; i++) {
      const grown = growTree({ ...sample, targets: left }, sorted, limits);
      if (grown.kind === "leaf") break;
      trees.push(grown);
      for (const [row, features] of sample.rows.entries())
        left[row] = (left[row] ?? 0) - STEP * treeValue(grown, features);
    }
    return {
      predict: (row) => trees.reduce((value, each) => value + STEP * treeValue(each, row), mean),
    };
  },
};
