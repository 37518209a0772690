/** The k-th largest number, k from 1 on; moves the numbers about. Quickselect (Hoare 1961). */
export function kthLargest(numbers: Float32Array, k: number): number {
  let [low, high] = [0, numbers.length - 1];
  const place = k - 1;
  while (low < high) {
    const pivot = numbers[(low + high) >> 1]!;
    let [left, right] = [low, high];
    while (left <= right) {
      while (numbers[left]! > pivot) left++;
      while (numbers[right]! < pivot) right--;
      if (left > right) break;
      const swapped = numbers[left]!;
      numbers[left++] = numbers[right]!;
      numbers[right--] = swapped;
    }
    if (place <= right) high = right;
    else if (place >= left) low = left;
    else break;
  }
  return numbers[place]!;
}
