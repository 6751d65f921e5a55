import type { create as english } from '../en/create';
import type { Translated } from '../translated';

export const create: Translated<typeof english> = {
  title: '新建备份',
  default_name: '备份 {{time}}',
  name: '名称',
  description: '描述',
  description_hint: '可选：为什么创建这个备份',
  kind: {
    label: '备份内容',
    full: '全部',
    full_text: '所有智能体、设置、技能池和密钥，可以整体恢复。',
    partial: '部分',
    partial_text: '只备份下面选择的内容。',
  },
  secrets_notice: {
    title: '此备份将包含敏感内容',
    text: '其中有 API 密钥、密码和主密钥。拿到文件的人就能使用它们：请妥善保管，不要分享。',
  },
  agents: {
    label: '智能体',
    search: '搜索智能体',
    all: '全选',
    none: '全不选',
    selected: '已选择 {{selected}} / {{total}}',
    missing: '工作区不存在',
    disabled: '已停用',
    nothing_found: '没有匹配的智能体',
  },
  modules: {
    label: '同时包含',
    global_config: '全局设置',
    skill_pool: '技能池',
    secrets: '密钥',
    secrets_text: 'API 密钥、密码和主密钥',
  },
  estimate: '约需读取 {{bytes}}，备份文件通常更小。',
  free: '备份目录剩余 {{bytes}}',
  tight: '空间可能不足，只有压缩率足够高时才放得下。',
  name_missing: '请输入名称',
  nothing_selected: '请至少选择一个智能体或模块',
  submit: '开始备份',
  continues: '您可以关闭此页面：备份会继续进行，之后可在“备份”和“任务”中看到。',
  done: '备份已完成',
  show: '查看备份',
};
