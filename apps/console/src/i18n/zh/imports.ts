import type { imports as english } from '../en/imports';
import type { Translated } from '../translated';

export const imports: Translated<typeof english> = {
  title: '导入',
  one: '上传的备份文件',
  open: '等待处理',
  choose: {
    text: '将备份文件拖到此处，或选择文件。',
    button: '选择文件',
    label: '备份文件',
    hint: '由 QwenPaw 或 PawVault 制作的 .zip 文件，大小不限。上传中断后可从断点继续。',
    several: '请一次只选择一个文件。',
  },
  upload: {
    progress_of: '{{name}} 的上传进度',
    pause: '暂停',
    resume: '继续',
    paused: '已暂停',
    discard: '放弃',
  },
  state: {
    uploading: '正在上传',
    checking: '正在检查',
    needs_decision: '需要您决定',
    accepting: '正在导入',
    accepted: '已导入',
    rejected: '已拒绝',
  },
  under_way: {
    uploading: '上传尚未完成。请再次选择同一个文件以继续。',
    checking: '正在读取并检查备份文件中的每个文件，在此之前不会使用其中任何内容。',
    accepting: '此备份文件正在成为您的备份之一。',
  },
  report: '检查结果',
  check: {
    structure: '是完好的 zip 文件',
    layout: '条目符合备份的结构',
    metadata: '元数据可以读取',
    manifest: '清单与内容相符',
    content: '每个文件都完整且未被改动',
    signature: '由本机签名',
    conflict: '没有其他备份使用相同的 ID',
  },
  check_state: { passed: '通过', failed: '未通过', decision: '需要决定', skipped: '未检查' },
  conflict: {
    title: '已有 ID 相同的备份',
    text: '两者只能保留一个。要保留现有备份，请放弃此次上传。',
    compared: '对比项',
    existing: '现有',
    uploaded: '上传',
    overwrite: '替换现有备份；替换后无法找回',
  },
  accept: '导入',
  accept_overwrite: '替换并导入',
  discard: '放弃此次上传',
  expires: '将于 {{at}} 自动移除。',
  accepted: { title: '此备份文件已成为您的备份之一' },
  rejected: {
    title: '此备份文件已被拒绝',
    text: '没有使用其中任何内容，它会被自动移除。',
  },
};
