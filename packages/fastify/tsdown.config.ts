import { dual } from '../../tsdown.shared.ts';

export default dual(['index']);
