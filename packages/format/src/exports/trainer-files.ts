/** The name under which LLaMA-Factory knows the data. */
export const llamaFactoryDataset = "rag_instruct";

/** LLaMA-Factory's `dataset_info.json` for a ShareGPT file in the same folder. */
export function llamaFactoryDatasets(file: string): string {
  const tags = { role_tag: "from", content_tag: "value", user_tag: "human", assistant_tag: "gpt" };
  const dataset = { file_name: file, formatting: "sharegpt", columns: { messages: "conversations" }, tags };
  return `${JSON.stringify({ [llamaFactoryDataset]: dataset }, null, 2)}\n`;
}

/**
 * The `datasets` part of an axolotl configuration for a file of messages: the model's own chat template, loss on the
 * assistant's turns and on the token that ends them.
 */
export function axolotlDatasets(file: string): string {
  return `datasets:
  - path: ${JSON.stringify(file)}
    ds_type: json
    type: chat_template
    field_messages: messages
    roles_to_train: ["assistant"]
    train_on_eos: turn
`;
}
