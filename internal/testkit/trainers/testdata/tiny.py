"""A model that was never trained, and a tokenizer that knows every byte: nothing is downloaded."""

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification, PreTrainedTokenizerFast

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ["<|pad|>", "<|im_start|>", "<|im_end|>"]


def tokenizer():
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    t = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(letters)}, merges=[]))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens(SPECIAL)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=t, pad_token=SPECIAL[0], eos_token=SPECIAL[2], model_max_length=100_000,
    )
    fast.chat_template = CHATML
    return fast


def config():
    return LlamaConfig(
        vocab_size=256 + len(SPECIAL), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=32_768,
        pad_token_id=256, bos_token_id=257, eos_token_id=258,
    )


def save(folder):
    """Writes model and tokenizer as a folder that from_pretrained reads."""
    LlamaForCausalLM(config()).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def language_model(folder):
    return LlamaForCausalLM.from_pretrained(folder)


def reward_model(folder):
    return LlamaForSequenceClassification.from_pretrained(folder, num_labels=1)
