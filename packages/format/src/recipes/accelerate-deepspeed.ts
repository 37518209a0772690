import type { TrainingSettings } from "./settings.ts";

/** The configuration of `accelerate launch`: DeepSpeed ZeRO stage 1 in bfloat16, as the method was trained. */
export function accelerateConfig({ processes, accumulation, clipNorm }: TrainingSettings): string {
  return `compute_environment: LOCAL_MACHINE
distributed_type: DEEPSPEED
deepspeed_config:
  zero_stage: 1
  gradient_accumulation_steps: ${accumulation}
  gradient_clipping: ${clipNorm.toFixed(1)}
  offload_optimizer_device: none
  offload_param_device: none
  zero3_init_flag: false
  deepspeed_multinode_launcher: standard
mixed_precision: bf16
machine_rank: 0
main_training_function: main
num_machines: 1
num_processes: ${processes}
rdzv_backend: static
same_network: true
use_cpu: false
`;
}

/** DeepSpeed's own configuration for ZeRO stage 1; "auto" leaves a value to the trainer. */
export function deepspeedConfig(): string {
  const config = {
    zero_optimization: { stage: 1, overlap_comm: true },
    bf16: { enabled: "auto" },
    fp16: { enabled: "auto" },
    gradient_accumulation_steps: "auto",
    gradient_clipping: "auto",
    train_batch_size: "auto",
    train_micro_batch_size_per_gpu: "auto",
    wall_clock_breakdown: false,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
